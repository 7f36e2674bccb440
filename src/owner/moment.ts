/** A time to the minute, `2026-12-01 15:30 UTC`: as the logs of grids and sites have it. */
export function moment(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Python counts characters, JavaScript and VS Code count UTF-16 units: an emoji is one there and two here. */
export function toCharacters(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}

/** The other way round. */
export function toUnits(text: string, characters: number): number {
  return [...text].slice(0, characters).join('').length;
}

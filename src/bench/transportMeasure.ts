import { z } from 'zod';

export const transportCases = ['relay', 'relay-once', 'tls', 'tcp'] as const;
export type TransportCase = (typeof transportCases)[number];

export const transportMeasure = z.object({
  taskCpuMs: z.number(),
  taskRelayMs: z.number(),
  taskWallMs: z.number(),
  endsCpuPerGb: z.number(),
  relayCpuPerGb: z.number(),
  megabytesPerSecond: z.number(),
  tripP50Us: z.number(),
  tripP99Us: z.number(),
  connectsPerSecond: z.number(),
  relayMegabytes: z.number(),
});
export type TransportMeasure = z.infer<typeof transportMeasure>;
export type TransportRounds = Readonly<Record<TransportCase, readonly TransportMeasure[]>>;

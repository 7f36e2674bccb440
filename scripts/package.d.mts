/** Packs the checkout as it is built. @returns what is in it, as VS Code will find it */
export function packageExtension(path?: string): Promise<{ path: string; files: string[]; bytes: number }>;

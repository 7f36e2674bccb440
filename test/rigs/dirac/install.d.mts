/** Where DIRAC is or will be. */
export function installationFolder(): string;
/** Makes what is missing. @returns the folder */
export function install(): Promise<string>;

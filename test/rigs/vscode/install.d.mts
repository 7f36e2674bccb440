/** Where VS Code is or will be. */
export function installationFolder(): string;
/** The browser that shows VS Code, undefined where there is none. */
export function findBrowser(): string | undefined;
/** Makes what is missing. @returns the folder */
export function install(): Promise<string>;

/** A file as a person knows it, and what is in it. */
export interface CredentialFile {
  readonly path: string;
  readonly content: Buffer;
}

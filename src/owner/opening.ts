/** What those have in common who do something with a cluster that takes a while. */
export interface Opening {
  /** Told what is being done, a whole sentence each. */
  readonly progress?: ((sentence: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

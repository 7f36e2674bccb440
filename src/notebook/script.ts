/**
 * A notebook that runs a Python file as `python FILE ARGUMENTS` would: in `__main__`, with `__file__`, `sys.argv` and the
 * file's folder first on the path. The file is read when the cell runs; its `exit(0)` is no failure.
 *
 * The cell needs nothing of ours, so the executed notebook runs again anywhere.
 */
export function scriptNotebook(path: string, args: readonly string[]): string {
  const source = `def _run_script(path, arguments):
    __tracebackhide__ = True
    import os, sys
    sys.argv = [path, *arguments]
    sys.path.insert(0, os.path.dirname(path))
    globals()["__file__"] = path
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    try:
        exec(code, globals())
    except SystemExit as end:
        if end.code not in (None, 0):
            raise


_run_script(${pythonText(path)}, [${args.map(pythonText).join(', ')}])`;
  const cell = { cell_type: 'code', id: 'script', metadata: {}, source, outputs: [], execution_count: null };
  const kernelspec = { name: 'python3', display_name: 'Python 3', language: 'python' };
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells: [cell] }, null, 1);
}

/** JSON's strings are Python's: the same quotes, the same escapes. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}

import { SitespanError } from '../base/errors.js';

/** Asks the very program that is being typed; where it knows nothing, bash completes paths. */
const bash = `_sitespan() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" complete-words "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _sitespan sitespan
`;

const zsh = `#compdef sitespan
_sitespan() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete-words "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _sitespan sitespan
`;

const scripts: Readonly<Record<string, string>> = { bash, zsh };

/** `sitespan completion bash|zsh`: the shell's side of completion; ours is `sitespan complete-words`. */
export function runCompletion(argv: readonly string[]): number {
  const [shell = '', ...more] = argv;
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (script === undefined || more.length > 0)
    throw new SitespanError('usage', 'It is: sitespan completion bash | zsh');
  process.stdout.write(script);
  return 0;
}

/**
 * The shell program that stands around a kept child: POSIX `sh`, the same on Linux and macOS.
 *
 * It is needed because whoever started the child may be gone when it ends: somebody must then still note its exit code,
 * keep its log small and its time short. All that differs comes as positional parameters, so no text of anybody is ever
 * read as shell.
 *
 * It is given to `sh -s` on its standard input once the child's mark is on the disk, so that nothing runs unrecorded: if the
 * starter dies first, the shell has nothing to do and ends. It is one function, called by the last line, so half of it is nothing too.
 *
 * Parameters: folder, log limit (bytes), walltime (seconds, 0 for none), grace (seconds), seconds between two looks, then the command.
 */
export const keptWrapper = `
kept() {
folder=$1 limit=$2 walltime=$3 grace=$4 every=$5
shift 5
# In a shell of its own: a full disk must not keep the command from its start.
( : >"$folder/begun" ) 2>/dev/null

# A signal to the group is for the command; this shell must live to note how it ended. Handlers, not 'ignore': that would be inherited.
trap : HUP INT QUIT TERM

path=\${PATH:-/usr/bin:/bin}
PATH=/usr/bin:/bin:$path

# Code, and why, where it was this shell's doing.
note_exit() {
  printf '%s %s\\n' "$1" "$2" >"$folder/exit.$3" && mv -f -- "$folder/exit.$3" "$folder/exit"
}

# The log is open for appending, so cutting it under the writer is safe. The end of what goes is kept in log.old.
trim_log() {
  size=$(wc -c <"$folder/log") && [ "$size" -gt "$limit" ] || return 0
  tail -c "$limit" "$folder/log" >"$folder/log.old" && : >"$folder/log"
}

(
  trap : HUP INT QUIT TERM
  left=$walltime
  while :; do
    step=$every
    [ "$walltime" -gt 0 ] && [ "$left" -lt "$step" ] && step=$left
    # A signal may end the sleep early; a sleep that cannot be started must not make a busy loop.
    sleep "$step" || [ $? -gt 128 ] || exit
    trim_log
    # $$ is the shell around: if it was killed alone, nobody would note the end.
    kill -0 $$ 2>/dev/null || break
    left=$((left - step))
    [ "$walltime" -gt 0 ] && [ "$left" -le 0 ] || continue
    printf walltime >"$folder/because"
    kill -TERM 0
    sleep "$grace"
    note_exit 137 walltime watcher
    break
  done
  kill -KILL 0
) </dev/null >/dev/null 2>&1 &

( PATH=$path; exec "$@" ) </dev/null >>"$folder/log" 2>&1
code=$?

trim_log
because=
[ -e "$folder/because" ] && because=$(cat "$folder/because")
note_exit "$code" "$because" wrapper

# What the command left running ends with it, the watcher too.
kill -KILL 0
}
kept "$@"
`;

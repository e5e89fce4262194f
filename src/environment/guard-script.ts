/**
 * Ends the server of a guarded folder and removes the folder; `$1` is the folder.
 *
 * It first reads its input to the end. As a guard its input is a pipe from us, so that it acts once we have closed the
 * pipe or have died, by whatever signal; with nothing to read it acts at once. One script does every kind of stop, so
 * the path that a killed run depends on is the one that every run takes.
 *
 * A server is ended with SIGQUIT: PostgreSQL then stops at once and still removes its shared memory, where a fast
 * shutdown would first write a checkpoint of data that is about to be deleted. A process is only signalled while its
 * command line names the folder: a number in a file may belong to somebody else by now.
 */
export const guardScript = `
trap '' HUP INT TERM
folder=$1
while read -r _; do :; done

is_ours() {
  if [ -e /proc/self/cmdline ]; then tr '\\0' '\\n' <"/proc/$1/cmdline"
  else ps -o args= -p "$1"
  fi | grep -qF -- "$folder/"
}

wait_until_gone() {
  tick=0
  while is_ours "$1"; do
    tick=$((tick + 1))
    [ "$tick" -lt 300 ] || return 1
    sleep 0.02
  done
}

end() {
  is_ours "$1" || return
  kill -QUIT "$1"
  kill -CONT "$1"
  wait_until_gone "$1" && return
  kill -KILL "$1"
  wait_until_gone "$1"
}

for file in "$folder/child.pid" "$folder/data/postmaster.pid"; do
  read -r pid <"$file" && [ -n "$pid" ] && end "$pid"
done

# A disk of its own, which only root can have made.
if grep -qsF -- " $folder/data tmpfs " /proc/mounts; then umount -- "$folder/data" || umount -l -- "$folder/data"; fi

# A process that is just ending may still add a file behind rm's back.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf -- "$folder" && exit 0
  sleep 0.1
done
exit 1
`;

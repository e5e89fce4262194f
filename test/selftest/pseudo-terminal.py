"""Runs a command on a pseudo terminal of a given width: pseudo-terminal.py COLUMNS COMMAND [ARGUMENT ...].

What the command writes goes to stdout as it comes; the exit code is the command's.
"""
import fcntl
import os
import pty
import struct
import sys
import termios

columns, command = int(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    os.execvp(command[0], command)
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    os.write(1, chunk)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))

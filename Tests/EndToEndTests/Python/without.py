"""Runs a program on a kernel without some means of locking processes in: without.py landlock,seccomp,namespaces PROGRAM ARGUMENT…

A seccomp filter makes the system calls of these means fail as they do where the kernel lacks them.
"""
import ctypes
import errno
import os
import struct
import sys

SECCOMP, UNSHARE, PRCTL, LANDLOCK = 317, 272, 157, 444
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000
NUMBER_AT, FIRST_ARGUMENT_AT = 0, 16


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, value)


def fails(call, error):
    return [instruction(JUMP_IF_EQUAL, call, 0, 1), instruction(RETURN, FAIL | error)]


MEANS = {
    "landlock": fails(LANDLOCK, errno.ENOSYS),
    "namespaces": fails(UNSHARE, errno.EPERM),
    "seccomp": fails(SECCOMP, errno.ENOSYS) + [
        instruction(JUMP_IF_EQUAL, PRCTL, 0, 4), instruction(LOAD, FIRST_ARGUMENT_AT),
        instruction(JUMP_IF_EQUAL, PR_SET_SECCOMP, 0, 1), instruction(RETURN, FAIL | errno.EINVAL), instruction(LOAD, NUMBER_AT),
    ],
}

filters = [instruction(LOAD, NUMBER_AT)]
for means in sys.argv[1].split(","):
    filters += MEANS[means]
filters.append(instruction(RETURN, ALLOW))
code = ctypes.create_string_buffer(b"".join(filters))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(filters), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0):
    sys.exit(os.strerror(ctypes.get_errno()))
os.execv(sys.argv[2], sys.argv[2:])

"""PostgreSQL and Redis for development, the demo and the tests, without a set-up.

`python -m sandbox.engines run -- COMMAND` runs a command with both. They listen on UNIX
sockets in a private folder, so no port can be taken and no other user can connect.
"""

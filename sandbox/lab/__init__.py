"""Servers as in production, on this machine: TLS, roles, backups to a stand-in of S3.

The drills and the tests of the links start them from Debian's packages with the very
files of `deploy/`; the PostgreSQL of pip has no TLS.
"""

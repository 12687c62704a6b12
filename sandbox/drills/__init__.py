"""Drills: what happens to the shop when its database does not do its part.

Each is a program that ends in a plain verdict and an exit code. They use the files of
`deploy/`, servers of Debian, and a shop of several processes with buyers in it.
"""

"""`manage.py preflight`: is everything ready for production?

Sixteen items, each answered by the probes that the apps register for it. A probe only
looks, but for one object that it writes to the bucket of the photos and removes again.
"""

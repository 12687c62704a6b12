"""How often one caller may ask, counted exactly across all processes.

A view names its scope (`rate_limit = "checkout"`); `scopes` is the table of scopes,
`callers` says who asks, `buckets` counts in Redis, `local` in this process, `limiter`
decides between the two, and `middleware` stands at the door.
"""

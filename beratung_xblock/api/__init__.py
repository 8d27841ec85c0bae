"""What the product can do, one module per area. Keyword-only arguments in, frozen data out.

Each write is one durable transaction that first raises the version of its round or session (the lock), then writes
and audits. Field errors come as `Invalid` with a reason word per field; pages turn words into sentences.
"""

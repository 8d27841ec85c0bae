"""The embedded host: a small learning platform around our blocks, to try them and to test them in a browser.

It uses the runtime class of xblock-sdk's workbench with deterministic ``block-v1:`` keys, the user of the Django session only, CSRF
protection on, and the real edx-completion app. Everything it stores lies in one folder (``BERATUNG_DEMO_VAR``, default ``var/``).
It is a demonstration: anybody who opens its address may become any persona. It binds to the loopback address only.
"""

"""What Claude is asked: about alerts and cases, from the explanation's figures only; it explains, it never decides.

``requests`` asks, ``explain`` answers in the sidecar, ``views`` is what pages read. Nothing here is needed: without
a key the written explanation of ``core.alerts`` stands alone. The SDK is imported in ``messages`` when it is used,
never by the web process.
"""

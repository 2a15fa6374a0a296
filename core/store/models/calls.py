"""Tables of what stands around the call records: quarantine, imports, saved views."""

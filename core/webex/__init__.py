"""Everything that talks to the Webex cloud: consent and tokens, call history, the directory, the doctor."""

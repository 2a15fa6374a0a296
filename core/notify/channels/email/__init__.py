"""E-mail over SMTP; in the sandbox without a mail server, files in the data folder."""

"""Answering abuse: calling settings watched for changes, and changed on an administrator's word, with a way back."""

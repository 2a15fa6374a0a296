"""Who calls: everybody seen in calls or directory, how risky their alerts make them, and what is usual for them."""

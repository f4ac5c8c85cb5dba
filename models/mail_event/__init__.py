"""Mail events: what a provider tells about letters on their way; repeated, shuffled, up to a day late."""

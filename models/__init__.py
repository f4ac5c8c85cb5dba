"""The domain: nouns, rules, queries and the database. Imports nothing of ours."""

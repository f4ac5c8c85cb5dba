"""Views: what pages and the API show, as immutable values made with a bounded number of queries."""

"""Exports: lists taken out as a workbook or as CSV. Asked by an officer, built in a round, kept for a day."""

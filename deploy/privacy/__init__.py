"""The house's privacy papers: data map, notice, record of processing, assessment; and their linter."""

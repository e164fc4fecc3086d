"""Where a shop writes its content in the browser: drafts, trials, previews, versions."""

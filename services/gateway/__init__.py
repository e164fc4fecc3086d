"""The visitor's door: HTTP, WebSocket and the widget's files."""

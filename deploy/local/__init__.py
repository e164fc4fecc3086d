"""Broker, store and services as child processes of this machine, without Docker."""

"""Kafka: where its jars come from and the topics that the contracts ask for."""

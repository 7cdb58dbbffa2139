"""Vehicles and station over a NATS cluster: MQTT 3.1.1 on JetStream, nodes killed in turn."""

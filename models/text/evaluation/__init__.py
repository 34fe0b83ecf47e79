"""The protocol of honesty: how a text model is judged on sources it never saw."""

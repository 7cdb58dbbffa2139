"""A disk that can lose power, fill up, slow down and fail under the shipped stores."""

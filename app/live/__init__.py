"""Live stock: what the small process of event streams is made of, and what others need to reach it.

It knows neither Flask nor the database nor Celery, so that it starts at once and stays small.
"""

"""The few pages that people see at the door. They need no script, no style sheet and no login."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template_string

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} - Airflow</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem; color: #1f2937 }
h1 { font-size: 1.5rem } a, button { color: #017cee } input { display: block; margin: .3rem 0 1rem; padding: .4rem }
</style></head><body><main>
<h1>{{ title }}</h1>
{% for line in lines %}<p>{{ line }}</p>
{% endfor %}
{% if form %}<form method="post">{{ form.hidden_tag() }}
<label>User name{{ form.username(autocomplete="username") }}</label>
<label>Password{{ form.password(autocomplete="current-password") }}</label>
<button type="submit">Sign in</button></form>
{% endif %}
<p>{% for text, target in links %}<a href="{{ target }}">{{ text }}</a> {% endfor %}</p>
</main></body></html>
"""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def page(status: int, title: str, *lines: str, links: dict[str, str], form: Any = None) -> Response:
    """A page with its status, which no browser keeps. `links` are addresses by their text."""
    text = render_template_string(PAGE, title=title, lines=lines, links=links.items(), form=form)
    response = make_response(text, status)
    response.headers.update(HEADERS)
    return response

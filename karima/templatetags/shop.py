"""Filters for the pages that staff read."""

from django import template

from karima.money import format_rupiah
from karima.wib import wib

register = template.Library()
register.filter("rupiah", format_rupiah)
register.filter("wib", wib)

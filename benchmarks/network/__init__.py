"""Broadcast over loopback: servers of many kinds, and a crowd of clients that does little.

A server and its crowd are two processes, so that the one's CPU time is not the other's.
"""

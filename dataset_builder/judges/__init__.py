"""Judges: do the labels of a view pair really swap?"""

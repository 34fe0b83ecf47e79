"""The voice model: is this voice altered or synthetic?"""

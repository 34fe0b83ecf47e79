"""ModelUpdate of the voice model: trees and probes go on learning from stored calls whose voice a person judged."""

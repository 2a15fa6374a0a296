"""Tables: outbound calls, their policy and the tests of numbers and trunks."""

"""Models behind OpenAI-compatible addresses, the embedded one included.

One client for all of them (`client`), the shapes it speaks (`chat`), the embedded server
(`embedded`), the files it needs (`catalogue`, `downloads`), the person's endpoints (`endpoints`),
their test (`probe`), and the way from a name to a model (`models`).
"""

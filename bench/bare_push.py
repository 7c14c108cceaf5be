"""The least a push can be: an asyncio server that writes what it is told to every stream it holds.

``python -m bench.bare_push PORT``. A first line ``STREAM`` is a desk, any other a piece to be pushed.
"""

import asyncio
import sys


async def serve(port: int) -> None:
    streams: list[asyncio.StreamWriter] = []

    async def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readline() == b"STREAM\n":
            streams.append(writer)
            writer.write(b"id: 0-0\nevent: here\ndata: {}\n\n")
            await reader.read()
            return
        while length := await reader.readline():
            piece = await reader.readexactly(int(length))
            for one in streams:
                one.write(piece)

    async with await asyncio.start_server(came, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

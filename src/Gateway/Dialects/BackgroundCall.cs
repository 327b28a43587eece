using System.Buffers;
using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects;

/// <summary>A call that can be answered while nobody waits, and be asked for, followed and cancelled meanwhile.</summary>
public abstract class BackgroundCall(ImmutableArray<ChatRequest> requests, bool streams) : DialectCall(requests, streams)
{
    /// <summary>Whether the caller wants that.</summary>
    public abstract bool IsBackground { get; }

    /// <summary>The answer as it stands, as it is kept.</summary>
    public abstract DialectObject Now { get; }

    /// <summary>Notes that it waits to be answered, with the events of that.</summary>
    public abstract void WriteQueued(IBufferWriter<byte> output);

    /// <summary>Notes that it failed, with the events of that.</summary>
    public abstract void WriteFailed(DialectError error, IBufferWriter<byte> output);

    /// <summary>Notes that it was cancelled, with the events of that.</summary>
    public abstract void WriteCancelled(IBufferWriter<byte> output);
}

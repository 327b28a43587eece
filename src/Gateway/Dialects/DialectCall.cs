using System.Buffers;
using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects;

/// <summary>One request that was understood, and the writer of its answer in the same API's shape.</summary>
/// <remarks>Each write appends whole events to its buffer; sending and flushing are the caller's.</remarks>
public abstract class DialectCall(ImmutableArray<ChatRequest> requests, bool streams)
{
    /// <summary>What is asked: one request for each of the answers that are wanted.</summary>
    public ImmutableArray<ChatRequest> Requests { get; } = requests;

    /// <summary>The first of them; they differ in nothing but the seed.</summary>
    public ChatRequest Request => Requests[0];

    /// <summary>Whether the caller wants the answer as it is written.</summary>
    public bool Streams { get; } = streams;

    /// <summary>The media type of a streamed answer.</summary>
    public abstract string StreamContentType { get; }

    /// <summary>Appends one event of a streamed answer; writes nothing for an event that this API does not show.</summary>
    /// <param name="choice">Which of the answers, from 0.</param>
    /// <param name="chatEvent">The event.</param>
    /// <param name="output">Receives the bytes.</param>
    public abstract void WriteEvent(int choice, ChatEvent chatEvent, IBufferWriter<byte> output);

    /// <summary>Appends what keeps an idle connection open and is ignored by clients.</summary>
    /// <param name="latest">The last event seen, so that a person who watches the wire sees the prompt being read.</param>
    /// <param name="output">Receives the bytes.</param>
    public abstract void WriteKeepAlive(ChatEvent? latest, IBufferWriter<byte> output);

    /// <summary>Appends the end of a stream that failed after its first byte.</summary>
    public abstract void WriteFailure(DialectError error, IBufferWriter<byte> output);

    /// <summary>What is to be kept for later requests of the caller, all or nothing, once the answer is written.</summary>
    public virtual ImmutableArray<DialectObject> Kept => [];

    /// <summary>Writes the body of an answer that is sent whole.</summary>
    /// <param name="answers">All of them.</param>
    /// <param name="output">Receives the bytes.</param>
    public abstract void WriteWhole(ImmutableArray<ChatAnswer> answers, IBufferWriter<byte> output);
}

namespace Causerie.Compute.Formats;

/// <summary>One block of an encoding: its size and how it is decoded.</summary>
internal interface IBlock
{
    /// <summary>Weights in the block, a multiple of 32.</summary>
    static abstract int Length { get; }

    /// <summary>Bytes of the block.</summary>
    static abstract int Bytes { get; }

    /// <summary>
    /// Where the one or two bytes stand that do not fill a word, if there are any: before the words, or after them.
    /// </summary>
    static virtual bool OddFirst => true;

    /// <summary>
    /// The order in which kernels read the words, as runs of a first word and a number; empty where it is the file's.
    /// </summary>
    static virtual ReadOnlySpan<byte> WordRuns => [];

    /// <summary>Decodes one block; the reference that every kernel is tested against.</summary>
    /// <param name="block">[<see cref="Bytes"/>].</param>
    /// <param name="values">[<see cref="Length"/>] f32.</param>
    static abstract void Dequantize(ReadOnlySpan<byte> block, Span<float> values);
}

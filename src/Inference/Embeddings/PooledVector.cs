using Causerie.Chat;
using Causerie.Inference.Models;
using Causerie.Inference.Scheduling;

namespace Causerie.Inference.Embeddings;

/// <summary>The vector of one text while its hidden states come, position by position.</summary>
/// <param name="pooling">How they become one.</param>
/// <param name="width">Elements of a hidden state.</param>
internal sealed class PooledVector(Pooling pooling, int width)
{
    private readonly double[] _sum = new double[width]; // [width]
    private int _rows;

    /// <summary>Which hidden states of a text's next positions are wanted.</summary>
    /// <param name="last">Whether they are the text's last ones.</param>
    public WantedLogits Wanted(bool last) => pooling switch
    {
        Pooling.Last => last ? WantedLogits.Last : WantedLogits.None,
        _ => WantedLogits.All,
    };

    /// <summary>Takes the hidden state of the next position that was wanted.</summary>
    /// <param name="row">[width] f32.</param>
    public void Add(ReadOnlySpan<float> row)
    {
        if (pooling == Pooling.Cls && _rows > 0)
            return;
        for (int i = 0; i < _sum.Length; i++)
            _sum[i] += row[i];
        _rows++;
    }

    /// <summary>The first elements of the mean of what was taken, scaled to length 1.</summary>
    /// <param name="dimensions">How many.</param>
    /// <exception cref="ChatException">They are no finite numbers, or all zero.</exception>
    public float[] Finish(int dimensions)
    {
        double squares = 0;
        for (int i = 0; i < dimensions; i++)
            squares += _sum[i] * _sum[i];
        if (!double.IsFinite(squares) || squares == 0)
            throw new ChatException(
                ChatErrorKind.Internal, "The model's vector is not finite, or nothing but zeros; it has no direction.");
        double scale = 1 / Math.Sqrt(squares); // The number of rows falls out of it.
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++)
            vector[i] = (float)(_sum[i] * scale);
        return vector;
    }
}

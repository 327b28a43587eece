using Causerie.Training.Models;

namespace Causerie.Training.Data;

/// <summary>Fills batches with documents, one after the other.</summary>
/// <param name="documents">The documents.</param>
/// <param name="tokens">The most tokens of a batch; a longer document has a batch of its own.</param>
public sealed class BatchReader(IDocuments documents, int tokens)
{
    /// <summary>The document that the next batch begins with.</summary>
    public long Next { get; set; }

    /// <summary>The next batch.</summary>
    public Batch Read()
    {
        var taken = new List<Document>();
        int count = 0;
        while (true)
        {
            var document = documents[Next];
            int length = document.Tokens.Length - 1;
            if (taken.Count > 0 && count + length > tokens)
                break;
            taken.Add(document);
            count += length;
            Next++;
        }
        return Join(taken, count);
    }

    private static Batch Join(List<Document> documents, int count)
    {
        var batch = new Batch(new int[count], new int[count], new int[documents.Count + 1]);
        int at = 0;
        for (int d = 0; d < documents.Count; d++)
        {
            var (tokens, learnt) = documents[d];
            batch.Starts[d] = at;
            for (int t = 0; t + 1 < tokens.Length; t++, at++)
            {
                batch.Tokens[at] = tokens[t];
                batch.Targets[at] = learnt[t + 1] ? tokens[t + 1] : -1;
            }
        }
        batch.Starts[^1] = at;
        return batch;
    }
}

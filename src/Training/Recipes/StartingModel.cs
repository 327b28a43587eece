using Causerie.Inference.Gguf;
using Causerie.Text.Tokenizers;
using Causerie.Training.Corpus;
using Causerie.Training.Models;
using Causerie.Training.Tokenizers;

namespace Causerie.Training.Recipes;

/// <summary>A trained model that another training goes on from.</summary>
/// <param name="Vocabulary">Its tokens, which the new model has too.</param>
/// <param name="Parameters">[layout's length] f32.</param>
public sealed record StartingModel(Vocabulary Vocabulary, float[] Parameters)
{
    /// <summary>Floats of a token's row of the embedding; 0 where there are no parameters.</summary>
    public int Width { get; init; }

    /// <summary>Reads a model that training wrote.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="shape">The sizes that the recipe says.</param>
    /// <param name="grows">Whether it may have fewer tokens, to which marks are added.</param>
    /// <exception cref="CorpusException">It is no such model, or has other sizes.</exception>
    public static StartingModel Read(string path, TransformerShape shape, bool grows = false)
    {
        try
        {
            using var file = GgufFile.Open(path);
            var vocabulary = VocabularyReader.Read(file.Metadata);
            if (grows)
                shape = shape with { Vocabulary = Math.Min(shape.Vocabulary, vocabulary.Tokens.Length) };
            Check(file, shape);
            if (vocabulary.Tokens.Length != shape.Vocabulary)
                throw new CorpusException(
                    $"{path} has {vocabulary.Tokens.Length} tokens; the recipe says {shape.Vocabulary}.");
            var layout = new ParameterLayout(shape);
            if (file.Tensors.Keys.FirstOrDefault(name => layout.All.All(parameter => parameter.Name != name)) is { } other)
                throw new CorpusException($"{path} has a tensor {other}, which a model that is trained here has not.");
            var parameters = new float[layout.Length];
            foreach (var parameter in layout.All)
            {
                float[] values = parameter.IsNorm
                    ? file.Vector(parameter.Name, parameter.Columns)
                    : file.Values(parameter.Name, parameter.Columns, parameter.Rows);
                values.CopyTo(parameter.Of(parameters));
            }
            return new StartingModel(vocabulary, parameters) { Width = shape.Width };
        }
        catch (GgufException e)
        {
            throw new CorpusException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The same with marks of topics that it has none of yet: their rows of the embedding begin with zeros.</summary>
    /// <param name="topics">Names.</param>
    public StartingModel WithMarks(IEnumerable<string> topics)
    {
        string[] marks = [.. topics.Select(VocabularyBuilder.Mark).Except(Vocabulary.Tokens)];
        int before = Vocabulary.Tokens.Length;
        int width = Width;
        var parameters = new float[Parameters.Length + (marks.Length * width)];
        Parameters.AsSpan(0, before * width).CopyTo(parameters); // the embedding is the first
        Parameters.AsSpan(before * width).CopyTo(parameters.AsSpan((before + marks.Length) * width));
        var vocabulary = Vocabulary with
        {
            Tokens = (string[])[.. Vocabulary.Tokens, .. marks],
            Kinds = [.. Vocabulary.Kinds, .. Enumerable.Repeat(TokenKind.Control, marks.Length)],
        };
        return this with { Vocabulary = vocabulary, Parameters = parameters };
    }

    private static void Check(GgufFile file, TransformerShape s)
    {
        string architecture = ModelExport.Architecture;
        string said = file.Metadata.Require<string>("general.architecture");
        if (said != architecture)
            throw new CorpusException($"{file.Path} is a model of {said}; only those of {architecture} go on learning.");
        foreach (var (key, value) in ModelExport.Numbers(s))
            Same(key, (uint)value);
        Same("attention.layer_norm_rms_epsilon", s.Epsilon);
        Same("rope.freq_base", s.RopeBase);

        void Same<T>(string key, T expected)
            where T : notnull
        {
            var there = file.Metadata.Require<T>($"{architecture}.{key}");
            if (!there.Equals(expected))
                throw new CorpusException($"{file.Path} has {key} {there}; the recipe's shape says {expected}.");
        }
    }
}

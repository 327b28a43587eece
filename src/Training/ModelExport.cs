using Causerie.Compute.Formats;
using Causerie.Inference.Gguf;
using Causerie.Inference.Models;
using Causerie.Text.Tokenizers;
using Causerie.Training.Models;
using Causerie.Training.Recipes;

namespace Causerie.Training;

/// <summary>Writes a trained model as a GGUF file that any engine of this file format runs.</summary>
public static class ModelExport
{
    internal static readonly string Architecture = new Llama().Name;

    /// <summary>Writes the model; a file that is not finished never has its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="recipe">What the model was made by.</param>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="template">Its chat template, or none.</param>
    /// <param name="parameters">[parameters] f32.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(
        string path, Recipe recipe, Vocabulary vocabulary, string? template, float[] parameters)
    {
        var file = new GgufWriter();
        AddMetadata(file, recipe, recipe.Shape, template);
        AddVocabulary(file, vocabulary);
        var format = TensorFormat.All.Values.Single(format => format.Name == recipe.Format);
        foreach (var parameter in new ParameterLayout(recipe.Shape).All)
        {
            float[] values = parameter.Of(parameters).ToArray();
            if (parameter.IsNorm)
                file.AddTensor(parameter.Name, [parameter.Columns], values);
            else
                file.AddTensor(
                    parameter.Name, format, [parameter.Columns, parameter.Rows], stream => Quantize(format, values, stream));
        }
        string part = path + ".part";
        using (var stream = File.Create(part, 1 << 20))
        {
            file.WriteTo(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(part, path, overwrite: true);
    }

    /// <summary>Bytes of the matrices and norms in a recipe's file, which is little more.</summary>
    public static long Bytes(Recipe recipe)
    {
        var format = TensorFormat.All.Values.Single(format => format.Name == recipe.Format);
        return new ParameterLayout(recipe.Shape).All.Sum(
            parameter => parameter.IsNorm ? parameter.Length * sizeof(float) : format.BytesFor(parameter.Length));
    }

    private static void Quantize(TensorFormat format, float[] values, Stream stream)
    {
        var blocks = new byte[format.BytesFor(values.Length)];
        format.Quantize(values, blocks);
        stream.Write(blocks);
    }

    private static void AddMetadata(GgufWriter file, Recipe recipe, TransformerShape s, string? template)
    {
        file.Add("general.architecture", Architecture);
        file.Add("general.name", recipe.Name);
        if (recipe.Description is { } description)
            file.Add("general.description", description);
        file.Add("general.license", "apache-2.0");
        foreach (var (key, value) in Numbers(s))
            file.Add($"{Architecture}.{key}", (uint)value);
        file.Add($"{Architecture}.attention.layer_norm_rms_epsilon", s.Epsilon);
        file.Add($"{Architecture}.rope.freq_base", s.RopeBase);
        if (template is not null)
            file.Add("tokenizer.chat_template", template);
    }

    /// <summary>The keys of the sizes in a file, behind the architecture's name.</summary>
    internal static IEnumerable<(string Key, int Value)> Numbers(TransformerShape s) =>
    [
        ("block_count", s.Layers), ("context_length", s.Context), ("embedding_length", s.Width),
        ("feed_forward_length", s.FeedForward), ("attention.head_count", s.Heads), ("attention.head_count_kv", s.KeyHeads),
        ("attention.key_length", s.HeadDim), ("attention.value_length", s.HeadDim), ("rope.dimension_count", s.HeadDim),
        ("vocab_size", s.Vocabulary),
    ];

    private static void AddVocabulary(GgufWriter file, Vocabulary vocabulary)
    {
        file.Add("tokenizer.ggml.model", vocabulary.Model);
        file.Add("tokenizer.ggml.pre", vocabulary.PreTokenizer ?? "default");
        file.Add("tokenizer.ggml.tokens", Texts(vocabulary.Tokens));
        file.Add("tokenizer.ggml.token_type", vocabulary.Kinds.Select(kind => (int)kind).ToArray());
        file.Add("tokenizer.ggml.merges", Texts(vocabulary.Merges));
        file.Add("tokenizer.ggml.eos_token_id", (uint)vocabulary.Eos!.Value);
        file.Add("tokenizer.ggml.padding_token_id", (uint)vocabulary.Padding!.Value);
        file.Add("tokenizer.ggml.add_bos_token", false);
    }

    private static string[] Texts(TextList list)
    {
        var texts = new string[list.Length];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = list[i];
        return texts;
    }
}
